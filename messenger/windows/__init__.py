"""What all windows share: their look, their widgets, and the probe of what Qt needs of the system.

PyQt6 is licensed under the GPL-3.0. Messenger's own code stays under the MIT licence, and only this
package and those of the windows import PyQt6; whoever ships both together has to follow the GPL for
the whole. `docs/desktop.md` says more.
"""
