//! cachedemo
