{ }.${null}
