"""Tables from outside become rows here: tried first, written only when every row is good, and taken out again."""
