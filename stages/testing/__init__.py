"""How users test their own stages."""
