using System.Reflection;
using System.Text;
using Dapr.AspNetCore;
using Dapr.Client;
using Dapr.Workflow;

namespace LocalDapr.Sdk.Tests;

/// <summary>
/// Our signatures against a checked-in list of the official ones that we serve: names of parameters, defaults and nullability are source surface.
/// After a wanted change, copy the file that the failure names over the list.
/// </summary>
public class PublicSurface
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Theory]
    [InlineData(typeof(DaprClient), "Dapr.Client")]
    [InlineData(typeof(BulkSubscribeAttribute), "Dapr.AspNetCore")]
    [InlineData(typeof(DaprWorkflowClient), "Dapr.Workflow")]
    public void Signatures_are_those_on_the_list(Type marker, string name)
    {
        var actual = Describe(marker.Assembly);
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Surface", name + ".txt"));
        if (actual == expected)
            return;
        var file = Path.Combine(AppContext.BaseDirectory, "Surface", name + ".actual.txt");
        File.WriteAllText(file, actual);
        var (ours, listed) = (actual.Split('\n'), expected.Split('\n'));
        Assert.Fail($"The surface of {name} changed, see {file}:\n+ {string.Join("\n+ ", ours.Except(listed))}\n- {string.Join("\n- ", listed.Except(ours))}");
    }

    /// <summary>With the list of signatures this is all that the official Dapr.Workflow 1.18.5 shows.</summary>
    [Fact]
    public void What_is_left_out_of_workflows_is_not_there_and_says_why()
    {
        var members = typeof(DaprWorkflowClient).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMembers().Select(m => $"{t.Name.Split('`')[0]}.{m.Name}").Append(t.Name.Split('`')[0])).ToHashSet();
        Assert.All(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Surface", "Dapr.Workflow.left-out.txt")), line =>
        {
            var (name, reason) = line.Split(" # ") is [var n, var r] ? (n, r) : (line, "");
            Assert.NotEmpty(reason);
            Assert.DoesNotContain(name, members);
        });
    }

    [Fact]
    public void Nothing_of_the_wire_shows() =>
        Assert.DoesNotContain("LocalDapr", string.Concat(Describe(typeof(DaprClient).Assembly), Describe(typeof(BulkSubscribeAttribute).Assembly), Describe(typeof(DaprWorkflowClient).Assembly)), StringComparison.Ordinal);

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.Namespace, StringComparer.Ordinal).ThenBy(t => t.Name, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.Namespace).Append('.').Append(Name(type));
            var bases = type.GetInterfaces().Where(i => i.IsPublic && i.Namespace!.StartsWith("Dapr", StringComparison.Ordinal)).Select(Name).Order(StringComparer.Ordinal);
            if (!type.IsEnum && type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
                bases = bases.Prepend(Name(parent)).Order(StringComparer.Ordinal);
            text.AppendJoin("", bases.Select((b, i) => (i == 0 ? " : " : ", ") + b)).Append('\n');
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
                text.Append("  ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Shown = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Select(v => $"{v} = {Convert.ToInt64(v, System.Globalization.CultureInfo.InvariantCulture)}");
        return type.GetConstructors(Shown).Where(c => c.IsPublic || c.IsFamily).Select(c => $"ctor({Parameters(c)})")
            .Concat(type.GetMethods(Shown).Where(m => (m.IsPublic || m.IsFamily) && !m.IsSpecialName && !m.Name.Contains('<') && !Synthesized(type, m))
                .Select(m => $"{Modifiers(m)}{TypeName(Nullability.Create(m.ReturnParameter))} {m.Name}{Generic(m)}({Parameters(m)})"))
            .Concat(type.GetProperties(Shown).Where(p => p.GetMethod is { IsPublic: true } && p.Name != "EqualityContract")
                .Select(p => $"{Modifiers(p.GetMethod!)}{TypeName(Nullability.Create(p))} {p.Name} {{ get;{(p.SetMethod is { IsPublic: true } s ? s.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? " init;" : " set;" : "")} }}"))
            .Concat(type.GetFields(Shown).Where(f => f.IsPublic).Select(f => $"{(f.IsLiteral ? "const " : "field ")}{TypeName(Nullability.Create(f))} {f.Name}{(f.IsLiteral ? $" = {f.GetRawConstantValue()}" : "")}"));
    }

    private static bool Synthesized(Type type, MethodInfo method) =>
        type.GetMethod("<Clone>$") is not null && method.Name is "ToString" or "Equals" or "GetHashCode" or "PrintMembers" or "Deconstruct";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Modifiers(MethodInfo m) =>
        (m.IsFamily ? "protected " : "") + (m.DeclaringType!.IsInterface ? "" : m.IsStatic ? "static " : m.IsAbstract ? "abstract " : m.GetBaseDefinition() != m ? "override " : m is { IsVirtual: true, IsFinal: false } ? "virtual " : "");

    private static string Generic(MethodInfo m) => m.IsGenericMethod ? $"<{string.Join(", ", m.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase m) => string.Join(", ", m.GetParameters().Select((p, i) =>
        $"{(i == 0 && m.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute)) ? "this " : "")}{TypeName(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string TypeName(NullabilityInfo info)
    {
        var type = info.Type;
        var name = type.IsArray ? TypeName(info.ElementType!) + "[]"
            : type.IsGenericType && Nullable.GetUnderlyingType(type) is null ? $"{type.Name.Split('`')[0]}<{string.Join(", ", info.GenericTypeArguments.Select(TypeName))}>"
            : Name(type);
        return !type.IsValueType && info.ReadState == NullabilityState.Nullable && !type.IsGenericParameter ? name + "?" : name;
    }

    private static string Name(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
