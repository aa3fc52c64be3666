"""From photograph to searchable PDF: reads papers, and knows nothing of the web or the database."""

from scanning.contract import Intake, PageResult, ScanJob, ScanProgress, ScanResult, StoredObject

__all__ = ["Intake", "PageResult", "ScanJob", "ScanProgress", "ScanResult", "StoredObject"]
