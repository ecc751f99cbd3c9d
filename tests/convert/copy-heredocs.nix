# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/greeting" = {
      path = "/greeting";
      text = "hello world $name \"world\" it's\n";
    };
    "/raw" = {
      path = "/raw";
      text = "hello $name\n";
    };
    "/tabs" = {
      path = "/tabs";
      text = ''
        one
        two
      '';
    };
    "/web/robots.txt" = {
      path = "/web/robots.txt";
      text = "User-agent: *\n";
    };
    "/web/humans.txt" = {
      path = "/web/humans.txt";
      text = "nobody\n";
    };
    "./a" = {
      path = "/both/a";
      mode = "0755";
    };
    "/both/A" = {
      path = "/both/A";
      text = "text\n";
      mode = "0755";
    };
    "/empty" = {
      path = "/empty";
      text = "";
    };
    "/srv/EOF" = {
      path = "/srv/EOF";
      text = "";
    };
  };

  annotations = { };
  workingDir = "/srv";
}
