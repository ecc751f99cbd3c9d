let s = { __toString = self: "a${self}"; }; in "${s}"
