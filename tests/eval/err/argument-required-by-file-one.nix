{ tag ? "x", name }: "${name}:${tag}"
