"${./missing}/x"
