SELECT name, partitions FROM incarnation;
