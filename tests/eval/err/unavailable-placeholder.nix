placeholder "out"
