using System.Reflection;
using System.Reflection.Emit;

namespace Quayside.Services.Tests.Workflows;

/// <summary>All members that a type's code can reach, following calls within the given assemblies, down to the IL of their state machines and closures.</summary>
internal sealed class CodeReach(params Assembly[] within)
{
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private readonly HashSet<Type> visited = [];

    public HashSet<MemberInfo> Outside { get; } = [];

    public CodeReach From(Type type)
    {
        var open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (!visited.Add(open)) return this;
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        foreach (var method in open.GetMethods(All).Cast<MethodBase>().Concat(open.GetConstructors(All))) Read(method);
        foreach (var nested in open.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)) From(nested);
        return this;
    }

    private void Read(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? OpCodesByValue[(short)(0xFE00 | il[at + 1])] : OpCodesByValue[il[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok)
                Follow(method.Module.ResolveMember(BitConverter.ToInt32(il, at), Arguments(method.DeclaringType), Arguments(method)));
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }

    private void Follow(MemberInfo? member)
    {
        var owner = member as Type ?? member?.DeclaringType;
        if (owner is null) return;
        if (within.Contains(owner.Assembly)) From(owner);
        else Outside.Add(member!);
    }

    private static Type[]? Arguments(MemberInfo? member) => member switch
    {
        Type { IsGenericType: true } type => type.GetGenericArguments(),
        MethodInfo { IsGenericMethod: true } method => method.GetGenericArguments(),
        _ => null,
    };
}
