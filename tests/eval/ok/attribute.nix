{ a."b.c" = [ 1 ({ x ? 2 }: { inherit x; }) ]; }
