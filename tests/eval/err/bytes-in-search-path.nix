<aÿb>
