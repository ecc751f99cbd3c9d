with { colour = 1; };
with { other = 2; };
color
