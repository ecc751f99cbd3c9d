throw ./missing
