{ a = ''text; b = 'x'; }
