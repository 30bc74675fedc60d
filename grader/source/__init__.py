"""The package that students write, as text: files, functions, exercises, stubs, and the starter made from them."""
