// Every expression of the policy, changed one at a time, in the ways that Stryker has.
import ts from "typescript";
import { textOf } from "./build.js";

const { SyntaxKind: Kind } = ts;
const SWAPS = new Map([
  [Kind.LessThanToken, ["<=", ">="]],
  [Kind.LessThanEqualsToken, ["<", ">"]],
  [Kind.GreaterThanToken, [">=", "<="]],
  [Kind.GreaterThanEqualsToken, [">", "<"]],
  [Kind.EqualsEqualsEqualsToken, ["!=="]],
  [Kind.ExclamationEqualsEqualsToken, ["==="]],
  [Kind.AmpersandAmpersandToken, ["||"]],
  [Kind.BarBarToken, ["&&"]],
  [Kind.QuestionQuestionToken, ["&&"]],
  [Kind.PlusToken, ["-"]],
  [Kind.MinusToken, ["+"]],
  [Kind.AsteriskToken, ["/"]],
  [Kind.SlashToken, ["*"]],
]);
const YES_OR_NO = new Set([
  Kind.LessThanToken,
  Kind.LessThanEqualsToken,
  Kind.GreaterThanToken,
  Kind.GreaterThanEqualsToken,
  Kind.EqualsEqualsEqualsToken,
  Kind.ExclamationEqualsEqualsToken,
  Kind.AmpersandAmpersandToken,
  Kind.BarBarToken,
]);

/** Every change of a file: the old code, the new code, and the whole text with it. */
export function mutantsOf(file) {
  const text = textOf(file);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const mutants = [];
  const put = (node, becomes) => {
    const start = node.getStart(source);
    const stands = text.slice(start, node.end);
    if (stands === becomes) return;
    const { line } = source.getLineAndCharacterOfPosition(start);
    mutants.push({
      file,
      line: text.split("\n")[line].trim(),
      stands: stands.replace(/\s+/g, " "),
      becomes: becomes.replace(/\s+/g, " "),
      text: text.slice(0, start) + becomes + text.slice(node.end),
    });
  };
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    if (ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const { left, right, operatorToken } = node;
      const [a, b] = [left, right].map((one) => text.slice(one.getStart(source), one.end));
      for (const operator of SWAPS.get(operatorToken.kind) ?? []) {
        // `??` beside `&&` needs brackets, which change nothing elsewhere.
        put(
          node,
          operatorToken.kind === Kind.QuestionQuestionToken
            ? `(${a} && ${b})`
            : `${a} ${operator} ${b}`,
        );
      }
      if (YES_OR_NO.has(operatorToken.kind))
        for (const value of ["true", "false"]) put(node, value);
    }
    if (ts.isConditionalExpression(node))
      for (const value of ["true", "false"]) put(node.condition, value);
    if (ts.isIfStatement(node)) for (const value of ["true", "false"]) put(node.expression, value);
    if (ts.isPrefixUnaryExpression(node) && node.operator === Kind.ExclamationToken) {
      put(node, text.slice(node.operand.getStart(source), node.operand.end));
    }
    if (ts.isCallExpression(node)) {
      const call = text.slice(node.getStart(source), node.end);
      if (call.startsWith("Math.min(")) put(node, call.replace("Math.min", "Math.max"));
      if (call.startsWith("Math.max(")) put(node, call.replace("Math.max", "Math.min"));
    }
    if (ts.isStringLiteral(node)) put(node, '""');
    if (node.kind === Kind.TrueKeyword) put(node, "false");
    if (node.kind === Kind.FalseKeyword) put(node, "true");
    if (ts.isObjectLiteralExpression(node) && node.properties.length > 0) put(node, "{}");
    if (ts.isBlock(node) && node.statements.length > 0) put(node, "{}");
    ts.forEachChild(node, visit);
  };
  visit(source);
  const seen = new Set();
  return mutants.filter((one) => !seen.has(one.text) && seen.add(one.text));
}
