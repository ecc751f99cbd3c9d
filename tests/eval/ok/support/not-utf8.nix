"ÿþ # not a comment" # ý
