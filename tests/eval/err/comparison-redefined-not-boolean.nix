({ __lessThan }: 1 >= 2) { __lessThan = a: b: "less"; }
