{ name, count, list ? [ ] }:
{ inherit name count list; }
