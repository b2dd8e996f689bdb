"""Where data comes in and goes out as files, and where what stands twice becomes one."""
