export const getServerSideProps = () => ({ props: { text: "the ancient page" } });

export default function Legacy({ text }) {
  return <p>{text}</p>;
}
