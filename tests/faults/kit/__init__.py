"""The fault kit: a wire that can be hurt, a disk that can fail, and an oracle that believes nobody.

Nothing here is a hook in the product: the portal runs as it ships, and is told its database and
its object store by the ordinary settings.
"""
