"${{ __toString = derivation; }}"
