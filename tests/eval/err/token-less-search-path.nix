let a = 1; b = 2; x = 0; in x<a<b>
