[ ~/x ~/a.b/c ]
