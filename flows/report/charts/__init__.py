"""Charts as inline SVG: shapes and texts only, coloured by the page's own style."""
