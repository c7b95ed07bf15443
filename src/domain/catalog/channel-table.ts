/** A channel in which a method can be saved, in one country. */
export type Channel = {
  readonly code: string;
  /** Whether a saved method can be charged when a cycle falls due, or asks its customer each time. */
  readonly asksEachTime: boolean;
  /** The least that one payment may be, in major units of the country's own currency. */
  readonly least: number;
  /** The greatest; null where Xendit's pages contradict it themselves. */
  readonly greatest: number | null;
  /** A lower greatest that another page of Xendit names. */
  readonly doubtful?: number;
};

type Row = readonly [code: string, least: number, greatest: number | null, doubtful?: number];

const own = ([code, least, greatest, doubtful]: Row): Channel => ({
  code,
  asksEachTime: false,
  least,
  greatest,
  ...(doubtful !== undefined && { doubtful }),
});
const asking = ([code, least, greatest]: Row): Channel => ({ code, asksEachTime: true, least, greatest });

/**
 * Where methods can be saved, by country: docs.xendit.co/docs/available-payment-channels (April 2026; columns "Save",
 * "Merchant-initiated", "Min", "Max"), and for Singapore the pages of cards. Doubtful are what the channels' own pages say.
 * Vietnam's cards: the table says VND 100,000 at most, and Xendit's test amounts for them are four times as much.
 */
export const CHANNELS: Readonly<Record<string, readonly Channel[]>> = {
  ID: [
    ...(
      [
        ['CARDS', 5_000, 200_000_000],
        ['BRI_DIRECT_DEBIT', 1, 50_000_000, 999_999],
        ['DANA', 100, 20_000_000],
        ['GOPAY_RECURRING', 1, 50_000_000],
        ['OVO', 100, 20_000_000],
        ['SHOPEEPAY', 1, 20_000_000],
      ] as const
    ).map(own),
    ...([['NEXCASH', 1, 20_000_000]] as const).map(asking),
  ],
  MY: (
    [
      ['CARDS', 1, 5_000],
      ['GRABPAY', 1, 1_500],
      ['SHOPEEPAY', 1, 4_999],
      ['TOUCHNGO', 1, 20_000],
    ] as const
  ).map(own),
  PH: [
    ...(
      [
        ['CARDS', 20, 700_000],
        ['BPI_RECURRING', 1, 500_000, 100_000],
        ['GRABPAY', 1, 100_000],
        ['PAYMAYA', 1, 100_000],
        ['SHOPEEPAY', 1, 100_000],
        ['UBP_EADA', 1, 100_000],
      ] as const
    ).map(own),
    ...(
      [
        ['BPI_DIRECT_DEBIT', 1, 500_000],
        ['CHINABANK_DIRECT_DEBIT', 1, 50_000],
        ['RCBC_DIRECT_DEBIT', 1, 50_000],
        ['UBP_DIRECT_DEBIT', 1, 100_000],
      ] as const
    ).map(asking),
  ],
  TH: (
    [
      ['CARDS', 1, 700_000],
      ['BBL_DIRECT_DEBIT', 20, 700_000],
      ['KRUNGSRI_DIRECT_DEBIT', 20, 700_000],
      ['KTB_DIRECT_DEBIT', 20, 700_000],
      ['SCB_DIRECT_DEBIT', 20, 700_000],
    ] as const
  ).map(own),
  VN: ([['CARDS', 1_000, null, 100_000]] as const).map(own),
  SG: ([['CARDS', 1, 1_000]] as const).map(own),
};

/**
 * For how many months a saved method lives, by country: the same page, column "Token validity". What is not here lives as long as its
 * card, without an end, or as long as nobody says.
 */
export const LIVES_MONTHS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ID: { DANA: 120, SHOPEEPAY: 60 },
  MY: { GRABPAY: 120, SHOPEEPAY: 60 },
  PH: {
    BPI_RECURRING: 3,
    BPI_DIRECT_DEBIT: 3,
    CHINABANK_DIRECT_DEBIT: 3,
    GRABPAY: 120,
    SHOPEEPAY: 60,
    UBP_EADA: 12,
    UBP_DIRECT_DEBIT: 12,
  },
};

/** What a hosted page of Xendit may offer beside (docs.xendit.co/apidocs/get-session, allowed_payment_channels), and the best known others. */
export const NOT_CHARGEABLE: ReadonlySet<string> = new Set(
  `BCA_ONEKLIK CIMB_DIRECT_DEBIT BNI_AUTOPAY BDO_DIRECT_DEBIT MANDIRI_DIRECT_DEBIT KBANK_MOBILE_BANKING
  KRUNGSRI_MOBILE_BANKING KTB_MOBILE_BANKING BBL_MOBILE_BANKING SCB_MOBILE_BANKING BDO_EPAY UBP_DEBIT_PULL AFFIN_FPX AGRO_FPX
  ALLIANCE_FPX AMBANK_FPX ISLAM_FPX MUAMALAT_FPX BOC_FPX RAKYAT_FPX BSN_FPX CIMB_FPX HLB_FPX HSBC_FPX KFH_FPX MAYB2E_FPX
  MAYB2U_FPX OCBC_FPX PUBLIC_FPX RHB_FPX SCH_FPX UOB_FPX AFFIN_FPX_BUSINESS AGRO_FPX_BUSINESS ALLIANCE_FPX_BUSINESS
  AMBANK_FPX_BUSINESS ISLAM_FPX_BUSINESS MUAMALAT_FPX_BUSINESS BNP_FPX_BUSINESS CIMB_FPX_BUSINESS CITIBANK_FPX_BUSINESS
  DEUTSCHE_FPX_BUSINESS HLB_FPX_BUSINESS HSBC_FPX_BUSINESS RAKYAT_FPX_BUSINESS KFH_FPX_BUSINESS MAYB2E_FPX_BUSINESS
  OCBC_FPX_BUSINESS PUBLIC_FPX_BUSINESS RHB_FPX_BUSINESS SCH_FPX_BUSINESS UOB_FPX_BUSINESS BCA_KLIKPAY BDO_ONLINE_BANKING
  BPI_ONLINE_BANKING UNIONBANK_ONLINE_BANKING BOC_ONLINE_BANKING CHINABANK_ONLINE_BANKING INSTAPAY_ONLINE_BANKING
  LANDBANK_ONLINE_BANKING MAYBANK_ONLINE_BANKING METROBANK_ONLINE_BANKING PNB_ONLINE_BANKING PSBANK_ONLINE_BANKING
  PESONET_ONLINE_BANKING RCBC_ONLINE_BANKING ROBINSONS_BANK_ONLINE_BANKING SECURITY_BANK_ONLINE_BANKING GCASH GOPAY LINKAJA SAKUKU
  ASTRAPAY JENIUSPAY APPOTA MOMO VNPTWALLET VIETTELPAY ZALOPAY WECHATPAY LINEPAY TRUEMONEY ALIPAY QRIS QRPH PROMPTPAY
  AKULAKU ATOME KREDIVO INDODANA BILLEASE ALFAMART INDOMARET 7ELEVEN`.split(/\s+/),
);
