{ name, tag ? "latest" }:
{ inherit name tag; }
