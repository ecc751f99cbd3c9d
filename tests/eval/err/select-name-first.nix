{ a = throw "value"; }.a.${throw "name"}
