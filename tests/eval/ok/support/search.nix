<scoped>
