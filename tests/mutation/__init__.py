"""Generic mutation of the reference: which small changes to what students write do the milestone suites notice?"""
