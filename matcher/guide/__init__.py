"""How to take part: decision tree, activities, toolbox, support measures."""
