"""Purchase points: prices posted before buying, and fruit that is weighed, graded with its grower and taken in."""
