namespace Portcullis.Waf.Regexes;

/// <summary>One instruction of a Thompson automaton.</summary>
internal readonly record struct Instruction(Opcode Op, int Next, int Argument = 0);
