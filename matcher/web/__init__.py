"""What all doors share: guards, forms, errors, filters, paging, calendars."""
