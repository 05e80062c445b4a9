"""Every figure of the workbook, one function a figure, one module a step."""
