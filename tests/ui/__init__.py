"""Tests of what every user interface says and asks: without sockets and toolkits."""
