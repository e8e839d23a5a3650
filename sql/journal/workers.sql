SELECT name FROM workers ORDER BY name;
