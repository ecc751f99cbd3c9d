{ ${{ outPath = "x"; }} = 2; }
