_:
/*
  Every refusal of this folder: which function, where in its argument, what is
  wrong there, and what to do.
*/
where: what: help:
throw ''
  buildImage: ${where}: ${what}
  help: ${help}''
