map (x: if x > 1 then throw "item ${toString x}" else x) [ 1 2 3 ]
