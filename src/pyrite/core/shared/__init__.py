"""What a driver shares with its tasks besides the data.

broadcast        a value written once, loaded once by each worker
broadcast_file   the layout of that value on disk
accumulator      sums that tasks add to
files            files, Python modules and archives added to the application
file_scope       added files that only some tasks find
archives         unpacking, without leaving the directory
resource         the number of a resource profile
"""
