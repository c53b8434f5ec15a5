"""The lab check: what a lab's computers and network can do, measured by themselves."""
