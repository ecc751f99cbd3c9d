1 ? ${null}
