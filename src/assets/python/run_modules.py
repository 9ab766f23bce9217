"""Runs a program that consists of several modules, none of which is on disk.

The packaged driver is one file, so Python has no folder to import from. The first line of stdin is a JSON object with
the source of each module by name. The arguments are the name of the module to run and the arguments of its main().
"""

import importlib
import importlib.machinery
import json
import sys


class MemoryImporter:
    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in self.sources else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        exec(compile(self.sources[name], f'{name}.py', 'exec'), module.__dict__)


sys.meta_path.insert(0, MemoryImporter(json.loads(sys.stdin.buffer.readline())))
importlib.import_module(sys.argv[1]).main(*sys.argv[2:])
