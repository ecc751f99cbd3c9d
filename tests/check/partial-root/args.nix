# Nothing of it has a value.
mkImage { name = "Hello"; }
