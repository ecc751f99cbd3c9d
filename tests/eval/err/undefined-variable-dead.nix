# Code that never runs is checked too.
if true then 1 else nowhere
