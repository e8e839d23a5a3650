SELECT name FROM incarnation;
