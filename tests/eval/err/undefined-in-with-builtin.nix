with { };
tostring 1
